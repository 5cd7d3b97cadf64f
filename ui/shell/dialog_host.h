/* Dialogs inside of the window: a card over the rest, or the whole window when narrow; Escape and a button close it.
 * While one is open the rest takes no focus. Works the same on a phone, under a screen reader and in pictures. Main
 * thread.
 */
#pragma once

#include <adwaita.h>

#define MABEI_TYPE_DIALOG_HOST (mabei_dialog_host_get_type ())
G_DECLARE_FINAL_TYPE (MabeiDialogHost, mabei_dialog_host, MABEI, DIALOG_HOST, GtkWidget)

/* @behind loses the focus while a dialog is open, and gets it back. */
void mabei_dialog_host_open (MabeiDialogHost *host, const char *title, GtkWidget *content, GtkWidget *behind);
void mabei_dialog_host_close (MabeiDialogHost *host);
GtkWidget *mabei_dialog_host_get_content (MabeiDialogHost *host); /* NULL: closed */
